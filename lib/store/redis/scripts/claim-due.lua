#!lua flags=allow-oom
-- Claims what is due in one partition: its wake time moves past the lease.
--
-- KEYS  1 due  zset  id by wake time in ms
-- ARGV  1 most ids to claim  2 lease in ms
-- Reply the ids, the longest overdue first
local call = redis.call
local time = call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local ids = call('ZRANGEBYSCORE', KEYS[1], '-inf', now, 'LIMIT', 0, ARGV[1])
for _, id in ipairs(ids) do call('ZADD', KEYS[1], now + ARGV[2], id) end
return ids
