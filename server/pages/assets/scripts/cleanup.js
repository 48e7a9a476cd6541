import { at } from './dom.js'
import { size } from './format.js'
import { order, sayFailed } from './orders.js'
import { counted, words } from './words.js'

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
    await cleanUp()
    at('cleanup-open').disabled = false
    at('cleanup-open').focus()
  })
}

async function cleanUp() {
  try {
    const { removedFiles, freedBytes, keptInUse } = await order('api/cache-config', {
      forceCleanup: true,
    })
    const { removed, kept } = words.operator.cleanup
    const gone = counted(removed, removedFiles, { size: size(freedBytes) })
    const left = keptInUse > 0 ? [counted(kept, keptInUse)] : []
    at('cleanup-result').textContent = [gone, ...left].join(' ')
  } catch (error) {
    sayFailed('cleanup-result', error)
  }
}
