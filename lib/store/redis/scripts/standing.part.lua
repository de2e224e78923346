-- A standing that is kept, or nothing. What no script of ours wrote is the trouble of its
-- conversation only: refused here as what does not decode is by the client.
local function checked(standing)
  local shape = '^[^:]*:%d+:[^:]*:[01]:[ar]:%d+:%d+:%d+:%d+:%d+:[^:]*$'
  if standing and not string.find(standing, shape) then
    error(redis.error_reply('CORRUPT the standing is damaged'))
  end
  return standing
end
