#!lua flags=allow-oom
-- Lets one process alone send the undelivered replies for a while, unless another one does.
--
-- KEYS  1 state  hash  (see commit.lua)
-- ARGV  1 epoch  2 process  3 for how long, in ms  4 a process that is no more, or ''
-- Reply {'held' or 'other', who sends, until when in ms, acknowledged through} | {'gone'}
local call = redis.call
local kept = call('HMGET', KEYS[1], 'm', 'a', 'w')
local epoch, version, base =
  string.match(checked(kept[1]) or '', '^([^:]*):(%d+):[^:]*:%d:%a:%d+:%d+:(%d+):')
if epoch ~= ARGV[1] or version == '0' then return { 'gone' } end

local acknowledged, time = math.max(kept[2] or 0, base - 1), call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local ends, by = string.match(kept[3] or '', '^(%d+) (.*)$')
local isOver = not ends or tonumber(ends) <= now or by == ARGV[2] or by == ARGV[4]
local latest = math.ceil(now + ARGV[3])
-- That of a clock which was set back since ends no later than one that begins now.
if not isOver and tonumber(ends) <= latest then return { 'other', by, ends, acknowledged } end
if isOver then by = ARGV[2] end
ends = string.format('%.0f', latest)
call('HSET', KEYS[1], 'w', ends .. ' ' .. by)
return { isOver and 'held' or 'other', by, ends, acknowledged }
