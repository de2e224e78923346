#!lua flags=allow-oom
-- Erases a conversation: what stays is a tombstone with a new epoch and the dedupe window.
--
-- KEYS  1 state  hash  (see commit.lua)    2 history  list    3 parked  list
--       4 due  5 index  6 parked  7 held  zset   the indexes of the partition
-- ARGV  1 epoch to erase    2 epoch of the tombstone    3 standing of the tombstone
--       4 id of the conversation    5 life of the tombstone in ms
--       6 the aliases whose own rows are gone already
-- Reply {'erased'} | {'gone'} | {'again', aliases}
local call = redis.call
local standing, aliases, beneath = unpack(call('HMGET', KEYS[1], 'm', 'l', 't'))
local epoch = checked(standing) and string.match(standing, '^[^:]*')
if epoch == ARGV[2] then return { 'erased' } end
if beneath and string.match(beneath, ' ([^:]*)') == ARGV[2] then return { 'erased' } end
if epoch == ARGV[1] and (aliases or '') ~= ARGV[6] then return { 'again', aliases or '' } end
if epoch ~= ARGV[1] then return { 'gone' } end

for key = 4, 7 do call('ZCARD', KEYS[key]) end
local names = {}
for number = 0, $dedupeBuckets - 1 do names[#names + 1] = 'd' .. number end
local buckets, kept = call('HMGET', KEYS[1], unpack(names)), {}
for number, bucket in ipairs(buckets) do
  if bucket then
    kept[#kept + 1] = names[number]
    kept[#kept + 1] = bucket
  end
end

for key = 4, 7 do call('ZREM', KEYS[key], ARGV[4]) end
call('DEL', KEYS[1], KEYS[2], KEYS[3])
call('HSET', KEYS[1], 'm', ARGV[3], unpack(kept))
call('PEXPIRE', KEYS[1], ARGV[5])
return { 'erased' }
