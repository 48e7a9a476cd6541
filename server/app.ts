import type { RequestListener } from 'node:http'
import express, { type Express, type Router } from 'express'
import type { FileStore } from '../cache/disk/file-store.ts'
import type { Janitor } from '../cache/limits/janitor.ts'
import type { Cluster } from '../cluster/cluster.ts'
import type { Clock } from '../common/clock.ts'
import { Fault } from '../common/errors.ts'
import type { Log, LogName } from '../common/log.ts'
import type { Outbound } from '../common/network/outbound.ts'
import type { Config } from '../config/config.ts'
import type { SettingInForce } from '../config/settings-in-force.ts'
import type { Player } from '../player/player.ts'
import type { Questions } from '../sources/providers/shared/questions.ts'
import { createAccessCheck } from './access/access-check.ts'
import type { Access } from './access/open-access.ts'
import type { Admins } from './admin/admin-guard.ts'
import { type CacheApiDeps, createCacheApi } from './admin/cache-api.ts'
import { createDoctorApi, type DoctorApiDeps } from './admin/doctor-api.ts'
import { createDownloadsApi } from './admin/downloads-api.ts'
import { createHealthRoutes } from './admin/health-routes.ts'
import type { History } from './admin/history.ts'
import { createHistoryApi } from './admin/history-api.ts'
import type { KnownNodes } from './admin/live-facts.ts'
import { createLiveRoute, type LivePace } from './admin/live-route.ts'
import { createSettingsApi } from './admin/settings-api.ts'
import { createTokensApi } from './admin/tokens-api.ts'
import { createEntrance } from './entrance.ts'
import { createHlsRoute } from './hls/hls-route.ts'
import { createErrorHandler, faultOf, logFault, sendFault } from './http/errors.ts'
import { FAIR_QUEUE, FairQueue, inFairOrder } from './http/fair-queue.ts'
import { createHandedCheck } from './http/handed-check.ts'
import type { Lifecycle } from './http/lifecycle.ts'
import { pagePolicy } from './http/page-policy.ts'
import { type Check, checkRequest } from './http/request-checks.ts'
import { createRequestLog, noteFault } from './http/request-log.ts'
import { hideStartPage } from './http/start-page.ts'
import { createClientAddress, createProxyCheck, setTrust } from './http/trusted-proxy.ts'
import type { Limits } from './limits/limits.ts'
import type { Metrics } from './metrics/metrics.ts'
import { createClipRoutes } from './play/clip-routes.ts'
import { createNodeRoute } from './play/node-route.ts'
import { createPlayRoute } from './play/play-route.ts'
import { createPlayStateRoute } from './play/play-state-route.ts'
import { createPlaysApi } from './play/plays-api.ts'
import { RunningPlays } from './play/running-plays.ts'
import { createSubtitleRoute } from './play/subtitle-route.ts'

export interface AppParts {
  readonly config: Pick<Config, 'trustProxy' | 'errorClip' | 'logIp'> &
    Partial<Pick<Config, 'sendfile' | 'browser'>>
  readonly admins: Admins
  /** ACCESS_TOKENS; undefined: everybody is a viewer. */
  readonly access?: Access | undefined
  readonly player: Pick<Player, 'playback' | 'auto' | 'prefetch' | 'downloadAhead'> &
    /** Stored pieces and fetching ahead are for other nodes. */
    Partial<Pick<Player, 'browserFilms' | 'storedPieces' | 'fetchAhead'>> & {
      readonly subtitles: Pick<Player['subtitles'], 'text' | 'isKnown' | 'listed'>
      readonly status: Omit<Player['status'], 'stats'>
    }
  readonly outbound: Pick<Outbound, 'mayRedirect'>
  /** Where several nodes share one index. */
  readonly cluster?: (Pick<Cluster, 'signatures' | 'balancer'> & KnownNodes) | undefined
  readonly addonRoutes: Router
  readonly pages: Router
  readonly cacheReport: CacheApiDeps['report']
  readonly history: Pick<History, 'view'>
  readonly settings: readonly SettingInForce[]
  readonly examine: DoctorApiDeps['examine']
  readonly janitor: Pick<Janitor, 'clear' | 'disk'>
  readonly store: Pick<FileStore, 'records' | 'setKeep'>
  readonly lifecycle: Lifecycle
  readonly clock: Clock
  readonly metrics: Metrics
  readonly questions: Pick<Questions, 'troubles'>
  /** Undefined: nothing is counted. */
  readonly limits?: Limits | undefined
  readonly log: (name: LogName) => Log
  /** Milliseconds after which a viewer that takes nothing is cut; 15 minutes unless a test says else. */
  readonly undrainedMs?: number
  /** For tests: the live stream's pace and how many may listen. */
  readonly live?: LivePace
}

/**
 * Everything that answers, in its order: the checks of all requests, plays, and Express for the rest. Plays
 * come before everything that costs (docs/decisions/0004-hot-path.md, 0027-the-way-of-a-range.md).
 */
export function createApp(parts: AppParts): RequestListener {
  const { config, metrics, log } = parts
  const clientAddress = createClientAddress(config.trustProxy)
  const isProxy = createProxyCheck(config.trustProxy)
  const usage = parts.access?.usage
  const queue = new FairQueue()
  const running = new RunningPlays({ ...parts, ...config, clientAddress })
  const entrance = createEntrance({
    checks: checksOf(parts),
    play: createPlayRoute({
      ...parts,
      ...config,
      ...{ clientAddress, isProxy, usage, running },
      log: log('play'),
    }),
    rest: createExpressApp(parts, queue, running),
    refuse(req, res, thrown) {
      const fault = faultOf(thrown)
      metrics.refused(fault.code)
      // pino-http has not seen those.
      logFault(log('http'), req, 'door', fault)
      sendFault(req, res, fault)
    },
  })
  return inFairOrder(entrance, clientAddress, queue)
}

/** What every request passes, in this order. */
function checksOf({ cluster, access }: AppParts): Check[] {
  const handed = cluster ? [createHandedCheck(cluster.signatures)] : []
  if (!access) return [checkRequest, ...handed]
  return [hideStartPage, checkRequest, ...handed, createAccessCheck(access.file)]
}

/**
 * The one place that knows Express' app. Everything that throws ends in our own error handler, whatever
 * NODE_ENV says.
 */
function createExpressApp(parts: AppParts, queue: FairQueue, running: RunningPlays): Express {
  const { config, lifecycle, metrics, log } = parts
  const app = express()
  app.disable('x-powered-by')
  app.set('query parser', 'simple')
  app.enable('strict routing')
  app.enable('case sensitive routing')
  app.set(FAIR_QUEUE, queue)
  setTrust(app, config.trustProxy)

  app.use(createRequestLog(log('http')))
  app.use(pagePolicy)
  app.use(createHealthRoutes(lifecycle, metrics, parts.janitor))
  app.use(createCacheApi({ ...parts, report: parts.cacheReport }))
  app.use(
    createLiveRoute({
      ...parts,
      ...parts.live,
      limits: parts.limits,
      status: parts.player.status,
      log: log('http'),
      report: parts.cacheReport,
    }),
  )
  app.use(createHistoryApi(parts.history))
  app.use(createPlaysApi({ ...parts, running }))
  app.use(createDownloadsApi({ ...parts, ...parts.player }))
  app.use(createDoctorApi(parts))
  app.use(createTokensApi(parts))
  app.use(createSettingsApi(parts))
  app.use(createPlayStateRoute(parts.player.status, parts.limits))
  app.use(createClipRoutes())
  app.use(createNodeRoute(parts))
  app.use(createSubtitleRoute(parts.player.subtitles, parts.limits))
  app.use(
    createHlsRoute({ ...parts, films: parts.player.browserFilms, usage: parts.access?.usage }),
  )
  app.use(parts.addonRoutes)
  app.use(parts.pages)
  app.use(() => {
    throw new Fault('NOT_FOUND')
  })
  app.use(
    createErrorHandler((req, fault) => {
      metrics.refused(fault.code)
      noteFault(req, fault)
    }),
  )
  return app
}
