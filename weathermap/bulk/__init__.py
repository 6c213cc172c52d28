"""Large loads: planned in columns, written into partitions of their own, tallied set by set."""
