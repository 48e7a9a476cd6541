import { size } from './format.js'

const at = (id) => document.getElementById(id)

/** Asks first; the token, if the server wants one, is kept nowhere. */
export function prepareCleanup(afterwards) {
  const dialog = at('cleanup')
  const token = at('token')
  at('cleanup-open').addEventListener('click', () => {
    dialog.returnValue = 'no'
    dialog.showModal()
  })
  // No submit button: Enter in the token's field means yes.
  at('cleanup-no').addEventListener('click', () => dialog.close('no'))
  dialog.addEventListener('close', async () => {
    const secret = token.value
    token.value = ''
    if (dialog.returnValue !== 'yes') return
    at('cleanup-open').disabled = true
    at('cleanup-result').textContent = await cleanUp(secret)
    at('cleanup-open').disabled = false
    afterwards()
  })
}

async function cleanUp(secret) {
  try {
    const answer = await fetch('api/cache-config', {
      method: 'POST',
      headers: {
        'Content-Type': 'application/json',
        ...(secret ? { Authorization: `Bearer ${secret}` } : {}),
      },
      body: JSON.stringify({ forceCleanup: true }),
    })
    const body = await answer.json()
    if (answer.status === 401) at('token-row').hidden = false
    if (!answer.ok) return `Not done: ${body.error.message}`
    const kept = body.keptInUse > 0 ? ` ${body.keptInUse} in use were kept.` : ''
    return `Removed ${body.removedFiles} files, ${size(body.freedBytes)}.${kept}`
  } catch {
    return 'Not done: the server did not answer.'
  }
}
