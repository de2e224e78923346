#!lua flags=allow-oom
-- Puts texts in the place of others that mean the same, only on the very commit they were read at.
--
-- KEYS  1 state  hash  (see commit.lua)    2 history  list    3 parked  list
--       4 parked  zset  id by minute, only when it is to leave that list
-- ARGV  1 standing    2 id    then kind, place, text, kind, place, text, ...
--       kind: 'slot' (place 1 or 2 among the records there are), 'call' (its key), 'inbox' (its
--       number), 'history' (0 is the newest), 'parked' (0 is the oldest)
-- Reply {'done'} | {'conflict'}
local call = redis.call
local standing = call('HGET', KEYS[1], 'm')
if standing ~= ARGV[1] then return { 'conflict' } end

local newest, slots = string.match(standing, '^[^:]*:%d+:[^:]*:(%d):'), {}
for _, slot in ipairs({ 'r' .. newest, 'r' .. (1 - newest) }) do
  if call('HEXISTS', KEYS[1], slot) == 1 then slots[#slots + 1] = slot end
end
local first = function(text) return string.match(text, '^[^ ]* ') end
local field = function(name, keepsFirst, text)
  local old = name and call('HGET', KEYS[1], name)
  if old then call('HSET', KEYS[1], name, (keepsFirst and first(old) or '') .. text) end
end
if KEYS[4] then call('ZREM', KEYS[4], ARGV[2]) end
for at = 3, #ARGV, 3 do
  local kind, place, text = ARGV[at], ARGV[at + 1], ARGV[at + 2]
  if kind == 'slot' then field(slots[place + 0], false, text) end
  if kind == 'call' then field('c' .. place, false, text) end
  if kind == 'inbox' then field('i' .. place, true, text) end
  if kind == 'history' then
    local old = call('LINDEX', KEYS[2], -1 - place)
    if old then call('LSET', KEYS[2], -1 - place, first(old) .. text) end
  end
  if kind == 'parked' and call('LINDEX', KEYS[3], place) then call('LSET', KEYS[3], place, text) end
end
return { 'done' }
