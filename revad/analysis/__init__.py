"""Analysis: facts about a typed Program: who owns memory, what is live, what is cheap, which places are distinct."""
