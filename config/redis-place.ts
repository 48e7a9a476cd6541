import { BadValue, type Parse } from './bad-value.ts'
import { MAX_SECRET } from './plain-values.ts'

/** Where the Redis of CACHE_BACKEND=redis is, and how to log in. */
export interface RedisPlace {
  readonly kind: 'one' | 'cluster' | 'sentinel'
  /** The server, or the cluster nodes or sentinels to begin with; at least one. */
  readonly nodes: readonly { readonly host: string; readonly port: number }[]
  readonly tls: boolean
  readonly username: string | undefined
  readonly password: string | undefined
  /** 0 in a cluster, which has no other. */
  readonly db: number
  /** Sentinel only: the name it knows the master by. */
  readonly master: string | undefined
  readonly sentinelUsername: string | undefined
  readonly sentinelPassword: string | undefined
}

/** The text may hold a password: what is wrong is said, the text never shown. */
const FORMS =
  'redis://[user:password@]host[:port][/db], redis+cluster://host:port,host:port or redis+sentinel://host:port,host:port/master[/db] (rediss for TLS)'
const SCHEME = /^(redis|rediss)(?:\+(cluster|sentinel))?:\/\/(.*)$/
const MASTER = /^[\w.-]{1,100}$/
const DB = /^(0|[1-9]\d{0,3})$/

const bad = (why: string): BadValue => new BadValue(`must be of the form ${FORMS}: ${why}.`)

interface Parsed {
  readonly secure: string
  readonly mode: string | undefined
  readonly url: URL
}

/** One host; `first` lends its scheme to the bare hosts that follow it. */
function parseOne(text: string, first?: Parsed): Parsed {
  const [, secure = first?.secure ?? '', mode = first?.mode, rest = text] = SCHEME.exec(text) ?? []
  if (secure === '') throw bad('the scheme is another one')
  const url = URL.canParse(`redis://${rest}`) ? new URL(`redis://${rest}`) : undefined
  if (!url || url.hostname === '' || url.hash !== '') throw bad('a host cannot be read')
  if ([...url.searchParams.keys()].some((name) => !QUESTIONS.has(name))) {
    throw bad('what is behind the "?" is not known')
  }
  return { secure, mode, url }
}

/** What else other programs read behind a `?` (a database, timeouts) would be left out in silence. */
const QUESTIONS = new Set(['sentinelUsername', 'sentinelPassword'])

/** What several URLs say, each at most once or alike. */
function only<T>(what: string, given: readonly (T | undefined)[]): T | undefined {
  const different = new Set(given.filter((each) => each !== undefined))
  if (different.size > 1) throw bad(`it has more than one ${what}`)
  return [...different][0]
}

function decoded(text: string): string | undefined {
  if (text.length > MAX_SECRET) throw bad(`a part of it has more than ${MAX_SECRET} characters`)
  try {
    return decodeURIComponent(text) || undefined
  } catch {
    throw bad('a "%" stands alone (write "%25")')
  }
}

function placeOf(kind: RedisPlace['kind'], path: readonly string[]) {
  const names = kind === 'sentinel' ? path : ['', ...path]
  const [master, db = '0', ...more] = names
  if (more.length > 0 || !DB.test(db)) throw bad('the path is no database number')
  if (kind === 'cluster' && db !== '0') throw bad('a cluster has no database but 0')
  if (kind === 'sentinel' && !MASTER.test(master ?? '')) throw bad("the master's name is missing")
  return { db: Number(db), master: kind === 'sentinel' ? master : undefined }
}

/** REDIS_URL: one URL, or several hosts separated by commas or spaces (docs/backends/redis.md). */
export const redisPlace: Parse<RedisPlace> = (text) => {
  const [head = '', ...tail] = text.split(/[\s,]+/).filter((entry) => entry !== '')
  const first = parseOne(head)
  const all = [first, ...tail.map((entry) => parseOne(entry, first))]
  const mode = only(
    'kind',
    all.map(({ mode }) => mode ?? 'one'),
  )
  const kind =
    mode === 'sentinel' ? 'sentinel' : mode === 'cluster' || all.length > 1 ? 'cluster' : 'one'
  const secure = only(
    'scheme',
    all.map(({ secure }) => secure),
  )
  const path = only(
    'path',
    all.map(({ url }) => url.pathname.replace(/^\/+|(?<!\/)\/+$/g, '') || undefined),
  )
  const asked = (name: string) =>
    only(
      name,
      all.map(({ url }) => {
        const text = url.searchParams.get(name) ?? undefined
        if ((text?.length ?? 0) > MAX_SECRET) throw bad(`its ${name} is too long`)
        return text
      }),
    )
  const standard = kind === 'sentinel' ? 26_379 : 6379
  return {
    kind,
    nodes: all.map(({ url }) => ({
      host: url.hostname.replace(/^\[|\]$/g, ''),
      port: Number(url.port || standard),
    })),
    tls: secure === 'rediss',
    username: only(
      'user name',
      all.map(({ url }) => decoded(url.username)),
    ),
    password: only(
      'password',
      all.map(({ url }) => decoded(url.password)),
    ),
    ...placeOf(kind, path === undefined ? [] : path.split('/')),
    sentinelUsername: asked('sentinelUsername'),
    sentinelPassword: asked('sentinelPassword'),
  }
}
