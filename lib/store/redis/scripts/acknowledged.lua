#!lua flags=allow-oom
-- Drops undelivered rows up to one, when that is the row which is named.
--
-- KEYS  1 state  hash  (see commit.lua)
-- ARGV  1 epoch  2 number of the last reply acknowledged  3 its row
-- Reply {'done'} | {'gone'} | {'conflict'}
local call = redis.call
local kept = call('HMGET', KEYS[1], 'm', 'a')
local epoch, base, outNext =
  string.match(checked(kept[1]) or '', '^([^:]*):%d+:[^:]*:%d:%a:%d+:%d+:(%d+):(%d+):')
if epoch ~= ARGV[1] then return { 'gone' } end

local acknowledged, through = math.max(kept[2] or 0, base - 1), tonumber(ARGV[2])
if through <= acknowledged then return { 'done' } end
-- Before a rollback the number may have been that of another reply, which was sent.
if through >= tonumber(outNext) then return { 'conflict' } end
if call('HGET', KEYS[1], 'o' .. through - base) ~= ARGV[3] then return { 'conflict' } end
local fields = {}
for field = acknowledged + 1 - base, through - base do fields[#fields + 1] = 'o' .. field end
call('HDEL', KEYS[1], unpack(fields))
call('HSET', KEYS[1], 'a', through)
return { 'done' }
