import { prepareAccess, refuseToken, showAccess } from './access.js'
import { showArrivals } from './arrivals.js'
import { showBoard, showSettings } from './board.js'
import { showChart } from './chart.js'
import { prepareCleanup } from './cleanup.js'
import { showCluster } from './cluster.js'
import { prepareDay } from './day.js'
import { prepareDoctor, showDoctor } from './doctor.js'
import { at, pill, say } from './dom.js'
import { follow } from './live.js'
import { prepareOperator, showOperator } from './operator.js'
import { ask } from './orders.js'
import { showProviders } from './providers.js'
import { prepareSettings, showInForce } from './settings.js'
import { showShares } from './shares.js'
import { showStarts } from './starts.js'
import { listExamples, prepareTestPlays } from './test-plays.js'
import { token } from './token.js'
import { showTokens } from './tokens.js'
import { words } from './words.js'

const UNAUTHORIZED = 401

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
    await listExamples({ access: 'sums' })
  } catch {
    lost()
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
    void listExamples(line)
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
prepareTestPlays()
ask('api/cache-config').then(showSettings, () => say('limits', words.operator.limits.unread))
