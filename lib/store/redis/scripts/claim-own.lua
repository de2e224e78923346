#!lua flags=allow-oom
-- Claims, lease or not, those of some conversations that a process of this instance committed last.
--
-- KEYS  1 due    zset  id by wake time in ms
--       2.. state  hash of each conversation (see commit.lua)
-- ARGV  1 instance and a slash      2 lease in ms      3.. their ids, in the same order
-- Reply the ids that were claimed
local call = redis.call
local time = call('TIME')
local untilTime = time[1] * 1000 + math.floor(time[2] / 1000) + ARGV[2]
local own = {}
for at = 3, #ARGV do
  local standing = call('HGET', KEYS[at - 1], 'm')
  local head = standing and string.match(standing, '^[^:]*:%d+:([^:]*):')
  local wake = call('ZSCORE', KEYS[1], ARGV[at])
  if head and wake and tonumber(wake) <= untilTime
    and string.sub(head, 1, #ARGV[1]) == ARGV[1] then own[#own + 1] = ARGV[at] end
end
for _, id in ipairs(own) do call('ZADD', KEYS[1], untilTime, id) end
return own
