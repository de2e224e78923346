#!lua flags=allow-oom
-- Drops undelivered rows up to a number, as far as they exist.
--
-- KEYS  1 state  hash  (see commit.lua)
-- ARGV  1 epoch  2 number of the last reply acknowledged
-- Reply {'done'} | {'gone'}
local call = redis.call
local kept = call('HMGET', KEYS[1], 'm', 'a')
local epoch, base, outNext =
  string.match(kept[1] or '', '^([^:]*):%d+:[^:]*:%d:%a:%d+:%d+:(%d+):(%d+):')
if epoch ~= ARGV[1] then return { 'gone' } end

local acknowledged, through = math.max(kept[2] or 0, base - 1), math.min(ARGV[2], outNext - 1)
if through > acknowledged then
  local fields = {}
  for field = acknowledged + 1 - base, through - base do fields[#fields + 1] = 'o' .. field end
  call('HDEL', KEYS[1], unpack(fields))
  call('HSET', KEYS[1], 'a', through)
end
return { 'done' }
