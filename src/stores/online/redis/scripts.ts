import { createHash } from 'node:crypto'

/** A script of the server's, which runs it with nothing between its steps. */
export interface Script {
  readonly sha: string
  readonly text: string
}

function script(text: string): Script {
  return { sha: createHash('sha1').update(text).digest('hex'), text }
}

/**
 * Stores a cell that may be removed from an instant on, or never (''). The set of a key's parts lives as long as the longest
 * of them.
 */
const PUT = `
local function expire(name, at)
  if at == '' then redis.call('PERSIST', name) else redis.call('PEXPIREAT', name, at) end
end

local function enlist(index, part, at)
  if part == '' then return end
  local left = redis.call('PTTL', index)
  redis.call('SADD', index, part)
  if left == -1 then return end
  if left >= 0 and at ~= '' then
    local time = redis.call('TIME')
    if time[1] * 1000 + time[2] / 1000 + left >= tonumber(at) then return end
  end
  expire(index, at)
end

local function put(name, cell, at, index, part)
  if at == '' then redis.call('SET', name, cell) else redis.call('SET', name, cell, 'PXAT', at) end
  enlist(index, part, at)
end

local function get(name)
  local found = redis.pcall('GET', name)
  -- Of another type: it holds nothing of ours, and is written over.
  if type(found) == 'table' then return false end
  return found
end
`

/**
 * Stores packed cells of one part, each unless the one there is later or the same. KEYS: for each cell its name, and that of the set
 * of parts where the part is not 0. ARGV: the part or '', then for each cell its bytes and the instant of removal. Replies for each: 1 stored, 2 a
 * later one is there, 3 the same is there, or the one there, where only the caller can tell.
 *
 * Bytes are compared one by one, for strings are compared by the server's locale. Positions are one more than the row codec's.
 */
export const OFFER = script(`${PUT}
local byte = string.byte

local function orderEnd(cell)
  if #cell < 34 or byte(cell, 1) ~= 1 then return nil end
  local offsetsAt = byte(cell, 3) * 256 + byte(cell, 4)
  if offsetsAt < 30 or offsetsAt + 4 > #cell or byte(cell, offsetsAt - 1) ~= 0 then return nil end
  return offsetsAt
end

local function order(stored, offered)
  local storedEnd, offeredEnd = orderEnd(stored), orderEnd(offered)
  if storedEnd == nil or offeredEnd == nil then return nil end
  for at = 13, math.min(storedEnd, offeredEnd) do
    local difference = byte(stored, at) - byte(offered, at)
    if difference ~= 0 then return difference end
  end
  if storedEnd ~= offeredEnd then return storedEnd - offeredEnd end
  if stored == offered then return 0 end
  return nil
end

local function number(cell, at)
  local a, b, c, d = byte(cell, at, at + 3)
  return ((a * 256 + b) * 256 + c) * 256 + d
end

local function isTime(cell, at)
  local first, second = byte(cell, at, at + 1)
  return (first == 128 and second < 32) or (first == 127 and second > 224)
end

-- Whether nobody would call the cell broken.
local function isWhole(cell, offsetsAt)
  if not isTime(cell, 13) or not isTime(cell, 21) then return false end
  local previous = number(cell, offsetsAt + 1)
  local offsets = (previous - offsetsAt) / 4
  local tombstone = byte(cell, offsetsAt)
  if offsets < 1 or offsets % 1 ~= 0 or previous > #cell then return false end
  if tombstone > 1 or (tombstone == 1 and offsets > 1) then return false end
  for index = 1, offsets - 1 do
    local offset = number(cell, offsetsAt + 1 + index * 4)
    if offset <= previous then return false end
    previous = offset
  end
  return previous == #cell
end

local part = ARGV[1]
local step = part == '' and 1 or 2
local replies = {}
for cellIndex = 1, (#ARGV - 1) / 2 do
  local name, index = KEYS[(cellIndex - 1) * step + 1], KEYS[cellIndex * step]
  local cell, at = ARGV[cellIndex * 2], ARGV[cellIndex * 2 + 1]
  local stored = get(name)
  local found = -1
  if stored then found = order(stored, cell) end
  if found == nil or (found > 0 and not isWhole(stored, orderEnd(stored))) then
    replies[cellIndex] = stored
  elseif found > 0 then
    replies[cellIndex] = 2
  elseif found == 0 then
    expire(name, at)
    enlist(index, part, at)
    replies[cellIndex] = 3
  else
    put(name, cell, at, index, part)
    replies[cellIndex] = 1
  end
end
return replies
`)

/**
 * Changes groups of cells, each group whole if nothing of it has changed since it was read, or not at all. ARGV: for each group how many cells it
 * has; for each cell how it should be ('=' and bytes, '-' none, '*' anyhow), what to do ('s' and bytes, 'd' delete, 'k' keep), the
 * instant of removal, and its part or ''. KEYS: for each group its cells, then the set of parts where one of them has a part. Replies 1 or 0
 * for each.
 *
 * No name is given that is not needed: while a slot moves from server to server, commands of several names have to wait.
 */
export const SWAP = script(`${PUT}
local replies = {}
local keyAt, argAt = 0, 1
while argAt <= #ARGV do
  local cells = tonumber(ARGV[argAt])
  local holds, hasParts = true, false
  for cell = 1, cells do
    local how, bytes = ARGV[argAt + cell * 6 - 5], ARGV[argAt + cell * 6 - 4]
    if how == '-' then holds = holds and not get(KEYS[keyAt + cell])
    elseif how == '=' then holds = holds and get(KEYS[keyAt + cell]) == bytes end
    hasParts = hasParts or ARGV[argAt + cell * 6] ~= ''
  end
  local index = KEYS[keyAt + cells + 1]
  if holds then
    -- A server that is full refuses to store, but not to delete: nothing may be deleted then.
    for cell = 1, cells do
      if ARGV[argAt + cell * 6 - 3] == 's' then
        local bytes, at, part = ARGV[argAt + cell * 6 - 2], ARGV[argAt + cell * 6 - 1], ARGV[argAt + cell * 6]
        put(KEYS[keyAt + cell], bytes, at, index, part)
      end
    end
    for cell = 1, cells do
      if ARGV[argAt + cell * 6 - 3] == 'd' then
        redis.call('DEL', KEYS[keyAt + cell])
        if ARGV[argAt + cell * 6] ~= '' then redis.call('SREM', index, ARGV[argAt + cell * 6]) end
      end
    end
  end
  replies[#replies + 1] = holds and 1 or 0
  keyAt = keyAt + cells + (hasParts and 1 or 0)
  argAt = argAt + cells * 6 + 1
end
return replies
`)

/**
 * Deletes keys' cells, each key's if it has the parts that are said and no others. ARGV: for each key how many parts, and the parts. KEYS: for
 * each the first cell, the set of parts, and the cells of the parts. Replies 1 or 0 for each.
 */
export const DROP = script(`
local function hasOnly(index, first, parts)
  local known = redis.call('SMEMBERS', index)
  local said = {}
  for at = first, first + parts - 1 do said[ARGV[at]] = true end
  for _, part in ipairs(known) do
    if not said[part] then return false end
  end
  return #known == parts
end

local replies = {}
local keyAt, argAt = 1, 1
while argAt <= #ARGV do
  local parts = tonumber(ARGV[argAt])
  local holds = hasOnly(KEYS[keyAt + 1], argAt + 1, parts)
  if holds then
    for at = keyAt, keyAt + parts + 1 do redis.call('UNLINK', KEYS[at]) end
  end
  replies[#replies + 1] = holds and 1 or 0
  keyAt = keyAt + parts + 2
  argAt = argAt + parts + 1
end
return replies
`)
