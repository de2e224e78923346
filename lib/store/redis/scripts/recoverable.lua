#!lua flags=no-writes
-- Every record and history row that is kept, at one instant; read only after damage.
--
-- KEYS  1 state  hash  (see commit.lua)    2 history  list
-- Reply {{record, older record}, history rows, the oldest first}; an absent record is false
local call = redis.call
local standing = checked(call('HGET', KEYS[1], 'm'))
if not standing then return { {}, {} } end
local slot = string.match(standing, '^[^:]*:%d+:[^:]*:(%d):')
local records = call('HMGET', KEYS[1], 'r' .. slot, 'r' .. (1 - slot))
return { records, call('LRANGE', KEYS[2], 0, -1) }
