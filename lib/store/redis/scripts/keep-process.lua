#!lua flags=allow-oom
-- Writes the row of a process, drops others, and tells what is there.
--
-- KEYS  1 processes  hash: name -> ms of the write, a space, the row
-- ARGV  1 name  2 '1' writes, '0' removes  3 row  4... names to drop
-- Reply {second, microsecond, name, kept, name, kept, ...}
local call = redis.call
local now = call('TIME')
local ms = string.format('%.0f', now[1] * 1000 + math.floor(now[2] / 1000))
for at = 4, #ARGV do call('HDEL', KEYS[1], ARGV[at]) end
if ARGV[2] == '1' then
  call('HSET', KEYS[1], ARGV[1], ms .. ' ' .. ARGV[3])
else
  call('HDEL', KEYS[1], ARGV[1])
end
local reply = { now[1], now[2] }
for _, text in ipairs(call('HGETALL', KEYS[1])) do reply[#reply + 1] = text end
return reply
