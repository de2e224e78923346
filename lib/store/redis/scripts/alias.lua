#!lua flags=allow-oom
-- Lets an id lead to a conversation, or nowhere again.
--
-- KEYS  1 state  hash of that id (see commit.lua)
-- ARGV  1 standing of an id that leads elsewhere, '' to let it lead nowhere
--       2 where it leads: id of the conversation, a colon, its epoch; without an epoch, any
-- Reply {'done'} | {'taken'} | {'gone'}
--
-- A tombstone stays beneath the pointer, with its window and the time it ends: whoever links and
-- unlinks must not make it forget what was taken there.
local call = redis.call
local standing, leads, beneath = unpack(call('HMGET', KEYS[1], 'm', 'p', 't'))
checked(standing)
local target = leads and string.match(leads, '^[^:]*')
local time = call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

if ARGV[1] == '' then
  if leads ~= ARGV[2] and target ~= ARGV[2] or not leads then return { 'gone' } end
  local ends, tombstone = string.match(beneath or '', '^(%d+) (.*)$')
  if ends and tonumber(ends) > now then
    call('HDEL', KEYS[1], 'p', 't')
    call('HSET', KEYS[1], 'm', tombstone)
    call('PEXPIRE', KEYS[1], string.format('%.0f', ends - now))
    return { 'done' }
  end
  call('DEL', KEYS[1])
  return { 'done' }
end
-- What led to an earlier incarnation of the same conversation may be replaced.
local isFree = not standing or string.find(standing, ':0:-:', 1, true)
if leads and target ~= string.match(ARGV[2], '^[^:]*') or not leads and not isFree then
  return { 'taken' }
end
if not standing then call('DEL', KEYS[1]) end
if standing and not leads then
  local left = call('PTTL', KEYS[1])
  if left < 0 then left = $tombstoneMs end
  call('HSET', KEYS[1], 't', string.format('%.0f %s', now + left, standing))
  call('PERSIST', KEYS[1])
end
call('HSET', KEYS[1], 'm', ARGV[1], 'p', ARGV[2])
return { 'done' }
