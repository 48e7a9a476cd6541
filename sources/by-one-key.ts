/** Values by their keys, in their order. A key that two of them have is of neither. */
export function byOneKey<Key, Value>(
  values: Iterable<Value>,
  keyOf: (value: Value) => Key | undefined,
): ReadonlyMap<Key, Value> {
  const found = new Map<Key, Value>()
  const twice = new Set<Key>()
  for (const value of values) {
    const key = keyOf(value)
    if (key === undefined) continue
    if (found.has(key)) twice.add(key)
    found.set(key, value)
  }
  for (const key of twice) found.delete(key)
  return found
}
