#!lua flags=allow-oom
-- Adds an id to those that lead to a conversation, or takes it away.
--
-- KEYS  1 state  hash  (see commit.lua)
-- ARGV  1 epoch, '' for any    2 the id    3 'add' or 'drop'
-- Reply {'done'} | {'gone'} | {'full'}
local call = redis.call
local standing, aliases = unpack(call('HMGET', KEYS[1], 'm', 'l'))
local epoch, version = string.match(checked(standing) or '', '^([^:]*):(%d+)')
if not epoch or version == '0' or ARGV[1] ~= '' and epoch ~= ARGV[1] then return { 'gone' } end

local kept, known = {}, false
for alias in string.gmatch(aliases or '', '[^,]+') do
  if alias ~= ARGV[2] then kept[#kept + 1] = alias else known = true end
end
if ARGV[3] == 'add' then
  if known then return { 'done' } end
  if #kept >= $aliases then return { 'full' } end
  kept[#kept + 1] = ARGV[2]
end
if #kept == 0 then
  call('HDEL', KEYS[1], 'l')
else
  call('HSET', KEYS[1], 'l', table.concat(kept, ','))
end
return { 'done' }
