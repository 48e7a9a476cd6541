/** What this browser remembers of this server; one that keeps nothing begins anew each time. */

/** Undefined where there is nothing. */
export function kept(name) {
  try {
    return localStorage.getItem(name) ?? undefined
  } catch {
    return undefined
  }
}

/** @param value undefined: it is forgotten */
export function keep(name, value) {
  try {
    if (value === undefined) localStorage.removeItem(name)
    else localStorage.setItem(name, value)
  } catch {
    // Private windows and full stores: nothing is kept.
  }
}
