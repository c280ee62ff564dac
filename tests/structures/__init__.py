"""Programs of structures as people write them: trees, ledgers, queues, particles, objects, lists of lists."""
