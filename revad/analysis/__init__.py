"""Analysis: facts about a typed Program: owners of memory, liveness, cost, distinct places."""
