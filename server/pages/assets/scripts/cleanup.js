import { at } from './dom.js'
import { size } from './format.js'
import { authorization } from './token.js'

/** Asks first, in a dialog that begins at the answer which changes nothing. */
export function prepareCleanup() {
  const dialog = at('cleanup')
  at('cleanup-open').addEventListener('click', () => {
    dialog.returnValue = 'no'
    dialog.showModal()
  })
  dialog.addEventListener('close', async () => {
    if (dialog.returnValue !== 'yes') return
    at('cleanup-open').disabled = true
    at('cleanup-result').textContent = await cleanUp()
    at('cleanup-open').disabled = false
    at('cleanup-open').focus()
  })
}

async function cleanUp() {
  try {
    const answer = await fetch('api/cache-config', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', ...authorization() },
      body: JSON.stringify({ forceCleanup: true }),
    })
    const body = await answer.json()
    if (!answer.ok) return `Not done: ${body.error.message}`
    const files = body.removedFiles === 1 ? '1 file' : `${body.removedFiles} files`
    const kept = body.keptInUse > 0 ? ` ${body.keptInUse} in use were kept.` : ''
    return `Removed ${files}, ${size(body.freedBytes)}.${kept}`
  } catch {
    return 'Not done: the server did not answer.'
  }
}
