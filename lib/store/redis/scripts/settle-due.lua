#!lua flags=allow-oom
-- Sets the true due time, only on the very commit it was computed from.
--
-- KEYS  1 state  hash  (see commit.lua)       2 due  zset  id by wake time in ms
-- ARGV  1 standing    2 due time in ms, or '' for none    3 id of the conversation
-- Reply {'done'} | {'conflict'}
local call = redis.call
if call('HGET', KEYS[1], 'm') ~= ARGV[1] then return { 'conflict' } end

if ARGV[2] == '' then
  call('ZREM', KEYS[2], ARGV[3])
  call('HDEL', KEYS[1], 'u')
else
  call('ZADD', KEYS[2], ARGV[2], ARGV[3])
  call('HSET', KEYS[1], 'u', ARGV[2])
end
return { 'done' }
