#!lua flags=no-writes
-- The time of the store, as the other scripts see it.
--
-- Reply {second, microsecond}
return redis.call('TIME')
