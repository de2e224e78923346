-- Trims a history past 36 rows to the newest 20 of them and 64 KB, always keeping one.
local function trim(key, rows)
  if rows <= 36 then return end
  local newest, bytes, keep = redis.call('LRANGE', key, -20, -1), 0, 0
  for row = #newest, 1, -1 do
    bytes = bytes + #newest[row]
    if bytes > 65536 and keep > 0 then break end
    keep = keep + 1
  end
  redis.call('LTRIM', key, -keep, -1)
end
