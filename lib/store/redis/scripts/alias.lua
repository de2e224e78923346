#!lua flags=allow-oom
-- Lets an id lead to a conversation, or nowhere again.
--
-- KEYS  1 state  hash of that id (see commit.lua)
-- ARGV  1 standing of an id that leads elsewhere, '' to let it lead nowhere
--       2 where it leads: id of the conversation, a colon, its epoch; without an epoch, any
-- Reply {'done'} | {'taken'} | {'gone'}
local call = redis.call
local standing, leads = unpack(call('HMGET', KEYS[1], 'm', 'p'))
checked(standing)
local target = leads and string.match(leads, '^[^:]*')

if ARGV[1] == '' then
  if leads ~= ARGV[2] and target ~= ARGV[2] or not leads then return { 'gone' } end
  call('DEL', KEYS[1])
  return { 'done' }
end
-- What led to an earlier incarnation of the same conversation may be replaced.
local isFree = not standing or string.find(standing, ':0:-:', 1, true)
if leads and target ~= string.match(ARGV[2], '^[^:]*') or not leads and not isFree then
  return { 'taken' }
end
call('DEL', KEYS[1])
call('HSET', KEYS[1], 'm', ARGV[1], 'p', ARGV[2])
return { 'done' }
