#!lua flags=allow-oom
-- Sets the true due time, only on the very commit it was computed from.
--
-- KEYS  1 state  hash  (see commit.lua)       2 due  zset  id by wake time in ms
--       3 index  zset  id by minute of activity
-- ARGV  1 standing, or '' where no conversation is    2 due time in ms, or '' for none
--       3 id of the conversation    4 number of the last reply acknowledged then
-- Reply {'done'} | {'conflict'}
local call = redis.call
local kept = call('HMGET', KEYS[1], 'm', 'a')
local standing = kept[1]
if ARGV[1] == '' then
  if standing and not string.find(standing, ':0:[-=]:') then return { 'conflict' } end
  call('ZREM', KEYS[2], ARGV[3])
  call('ZREM', KEYS[3], ARGV[3])
  return { 'done' }
end
if standing ~= ARGV[1] then return { 'conflict' } end
-- A rollback may have taken an acknowledgement alone: a reply is owed again.
local base = string.match(standing, '^[^:]*:%d+:[^:]*:%d:%a:%d+:%d+:(%d+):')
if math.max(kept[2] or 0, base - 1) < tonumber(ARGV[4]) then return { 'conflict' } end

if ARGV[2] == '' then
  call('ZREM', KEYS[2], ARGV[3])
  call('HDEL', KEYS[1], 'u')
else
  call('ZADD', KEYS[2], ARGV[2], ARGV[3])
  call('HSET', KEYS[1], 'u', ARGV[2])
end
return { 'done' }
