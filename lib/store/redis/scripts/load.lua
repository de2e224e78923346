#!lua flags=no-writes
-- Everything a conversation needs to go on, at one instant.
--
-- KEYS  1 state    hash  (see commit.lua)       2 history  list
-- Reply {second, microsecond, '', where the id leads or ''}  when nothing is stored, else
--       {second, microsecond, standing, due or '', minute of activity, acknowledged through,
--        head of the newest row or '', {record, call rows, inbox rows, undelivered rows}}
--       or an error, CORRUPT, as from every script that reads a standing
local call = redis.call
local time = call('TIME')
local kept = call('HMGET', KEYS[1], 'm', 'u', 'n', 'a', 'p')
if kept[5] or not kept[1] then return { time[1], time[2], '', kept[5] or '' } end
local standing = checked(kept[1])

local slot, inFirst, inNext, outBase, outNext, calls =
  string.match(standing, '^[^:]*:%d+:[^:]*:(%d):%a:(%d+):(%d+):(%d+):(%d+):%d+:([^:]*)$')
local acknowledged = math.max(tonumber(kept[4]) or 0, outBase - 1)
local fields = { 'r' .. slot }
for key in string.gmatch(calls, '[^,]+') do fields[#fields + 1] = 'c' .. key end
for number = inFirst, inNext - 1 do fields[#fields + 1] = 'i' .. number end
for field = acknowledged + 1 - outBase, outNext - 1 - outBase do
  fields[#fields + 1] = 'o' .. field
end
local values = call('HMGET', KEYS[1], unpack(fields))
local newest = call('LINDEX', KEYS[2], -1)
local head = newest and string.match(newest, '^[^ ]*') or ''
return { time[1], time[2], standing, kept[2] or '', kept[3] or '0', acknowledged, head, values }
