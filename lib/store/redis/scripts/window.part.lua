-- The dedupe window: entries of 14 bytes, 8 of fingerprint, 4 of store seconds, 2 of version.

-- True when the bucket holds this fingerprint at the beginning of an entry.
local function holds(bucket, print)
  local at = string.find(bucket, print, 1, true)
  while at do
    if at % 14 == 1 then return true end
    at = string.find(bucket, print, at + 1, true)
  end
  return false
end

-- The bucket with one entry more, without those in front that may go: older than $dedupeSeconds
-- seconds and more than $dedupeVersions versions. A bucket of younger ones is nil, with the second
-- of room and that of now.
local function admitting(bucket, print, version)
  local now, cut = tonumber(redis.call('TIME')[1]), 0
  while cut < #bucket do
    local a, b, c, d, e, f = string.byte(bucket, cut + 9, cut + 14)
    if ((a * 256 + b) * 256 + c) * 256 + d >= now - $dedupeSeconds
      or (version - (e * 256 + f)) % 65536 <= $dedupeVersions then break end
    cut = cut + 14
  end
  if #bucket - cut >= $dedupeBucketIds * 14 then
    return nil, struct.unpack('>I4', bucket, cut + 9) + ($dedupeSeconds + 1), now
  end
  return string.sub(bucket, cut + 1) .. print .. struct.pack('>I4I2', now, version % 65536)
end
