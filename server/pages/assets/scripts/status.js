import { prepareAccess, refuseToken, showAccess } from './access.js'
import { showArrivals } from './arrivals.js'
import { showBoard, showSettings } from './board.js'
import { showChart } from './chart.js'
import { prepareCleanup } from './cleanup.js'
import { showCluster } from './cluster.js'
import { prepareDay } from './day.js'
import { prepareDoctor, showDoctor } from './doctor.js'
import { at, pill, say } from './dom.js'
import { showExamples } from './examples.js'
import { follow } from './live.js'
import { prepareOperator, showOperator } from './operator.js'
import { ask } from './orders.js'
import { showProviders } from './providers.js'
import { prepareSettings, showInForce } from './settings.js'
import { showShares } from './shares.js'
import { showStarts } from './starts.js'
import { token } from './token.js'
import { showTokens } from './tokens.js'
import { words } from './words.js'

const UNAUTHORIZED = 401
const FORBIDDEN = 403

function lost() {
  pill('state', 'bad', words.status.state.noAnswer)
  at('board').classList.add('stale')
}

/** Too many listen already: the same figures, once for every try. */
async function showOnce() {
  try {
    const stats = await ask('api/cache-stats')
    showBoard(stats)
    showCluster({ stats })
    await listExamples('sums')
  } catch {
    lost()
  }
}

/** The list depends on who asks: what this viewer may see is known with the first line. */
let listedFor

async function listExamples(access) {
  if (listedFor === access) return
  listedFor = access
  try {
    const { examples } = await ask('api/examples')
    showExamples(examples, access, at('examples'), at('examples-note'))
  } catch ({ status }) {
    if (status === FORBIDDEN) {
      // ACCESS_TOKENS: it stays so.
      say('examples-note', words.status.examples.viewersOnly)
      return
    }
    listedFor = undefined
    say('examples-note', words.status.examples.unread)
  }
}

const restart = follow({
  line(line) {
    if (line.end === 'draining') {
      pill('state', 'warn', words.status.state.draining)
      return
    }
    showBoard(line.stats)
    showCluster(line)
    showChart(line.firstBytes)
    showStarts(line.starts)
    showProviders(line.providers, line.troubles)
    showShares(line.limits)
    showArrivals(line)
    showAccess(line)
    showOperator(line)
    showDoctor(line)
    showTokens(line)
    showInForce(line)
    void listExamples(line.access)
  },
  lost,
  refused(status) {
    if (status === UNAUTHORIZED && token() !== undefined) {
      refuseToken()
      restart()
    } else void showOnce()
  },
})
prepareAccess(() => restart())
prepareCleanup()
prepareOperator()
prepareDoctor()
prepareDay()
prepareSettings()
ask('api/cache-config').then(showSettings, () => say('limits', words.operator.limits.unread))
