import { at } from './dom.js'
import { size } from './format.js'
import { order } from './orders.js'

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
    const { removedFiles, freedBytes, keptInUse } = await order('api/cache-config', {
      forceCleanup: true,
    })
    const files = removedFiles === 1 ? '1 file' : `${removedFiles} files`
    const kept = keptInUse > 0 ? ` ${keptInUse} in use were kept.` : ''
    return `Removed ${files}, ${size(freedBytes)}.${kept}`
  } catch (error) {
    return `Not done: ${error.message}`
  }
}
