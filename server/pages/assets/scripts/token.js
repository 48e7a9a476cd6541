const NAME = 'playlink-admin-token'

/** Where storage is blocked the token lives as long as the page. */
let kept

/** The admin token lives in this tab's session and nowhere else. */
export function token() {
  try {
    return sessionStorage.getItem(NAME) ?? undefined
  } catch {
    return kept
  }
}

/** @param {string | undefined} secret undefined: forgotten */
export function keepToken(secret) {
  kept = secret
  try {
    if (secret) sessionStorage.setItem(NAME, secret)
    else sessionStorage.removeItem(NAME)
  } catch {
    // Blocked by the browser: `kept` has it.
  }
}

/** Headers of a request to the management API. */
export function authorization() {
  const secret = token()
  return secret ? { Authorization: `Bearer ${secret}` } : {}
}
