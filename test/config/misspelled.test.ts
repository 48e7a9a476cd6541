import { describe, expect, test } from '@jest/globals'
import { misspelled } from '../../config/misspelled.ts'
import { variables } from '../../config/variables.ts'

const known = Object.keys(variables)
const meantBy = (name: string) => misspelled([name], known).map(({ meant }) => meant)

describe('is told', () => {
  test.each([
    ['CACHE_MAXSIZE', 'CACHE_MAX_SIZE'],
    ['CACHE_SIZE', 'CACHE_MAX_SIZE'],
    ['CACHE_DISK_MB', 'CACHE_MAX_DISK_MB'],
    ['CACHE_MAX_DISK_GB', 'CACHE_MAX_DISK_MB'],
    ['CACHE_INTERVAL', 'CACHE_CLEANUP_INTERVAL'],
    ['CACHE_PERSISTANT', 'CACHE_PERSISTENT'],
    ['CACHEDIR', 'CACHE_DIR'],
    ['cache_dir', 'CACHE_DIR'],
    ['LOG_LEVLE', 'LOG_LEVEL'],
    ['LOGFORMAT', 'LOG_FORMAT'],
    ['TORRENT_PROT', 'TORRENT_PORT'],
    ['PLAY_TIMOUT', 'PLAY_TIMEOUT'],
    ['PUBLIC_URI', 'PUBLIC_URL'],
    ['CATALOGUES', 'CATALOGUE'],
    ['BLOCK_LIST', 'BLOCKLIST'],
    ['MAXDOWNLOADS', 'MAX_DOWNLOADS'],
    ['UPLOAD_LIMIT', 'UPLOAD_LIMIT_KB'],
    ['ADMINTOKEN_FILE', 'ADMIN_TOKEN_FILE'],
  ])('%s, meant is %s', (name, meant) => {
    expect(meantBy(name)).toEqual([meant])
  })

  test('a letter too many, too few, another, or two swapped, in every long name of ours', () => {
    for (const name of known.filter((one) => one.replaceAll('_', '').length >= 6)) {
      const end = name.slice(0, -2)
      const [a = '', b = ''] = name.slice(-2)
      const slips = [`${name}X`, name.slice(0, -1), `${end}${a}X`, `${end}${b}${a}`]
      // Two of ours may be one letter apart, a letter twice can be swapped unseen, and five are too few.
      const isTold = (slip: string): boolean => slip.replaceAll('_', '').length >= 6
      const wrong = slips.filter((slip) => !known.includes(slip) && slip !== name && isTold(slip))
      expect(wrong.flatMap(meantBy)).toHaveLength(wrong.length)
    }
  })
})

/** Of shells, systemd, npm, Docker, Kubernetes and programs that often run beside. */
const FOREIGN = `
  PORTABLE HOSTNAME PORTS HOSTS SPORT HOSTTYPE PATH HOME USER SHELL LANG TERM PWD OLDPWD SHLVL LOGNAME
  DISPLAY COLUMNS LINES MAIL EDITOR PAGER LS_COLORS COLORTERM FORCE_COLOR SSH_AUTH_SOCK CI
  NODE_ENV NODE_OPTIONS NODE_PATH NODE_VERSION NODE_EXTRA_CA_CERTS NODE_COMPILE_CACHE NODE_NAME NODE_IP
  npm_config_cache npm_config_port npm_package_name npm_lifecycle_event INIT_CWD
  XDG_CACHE_HOME XDG_RUNTIME_DIR XDG_DATA_HOME CCACHE_DIR SCCACHE_DIR PIP_CACHE_DIR YARN_CACHE_FOLDER
  HTTP_PROXY HTTPS_PROXY NO_PROXY http_proxy no_proxy TRUST_STORE
  REDIS_HOST REDIS_PORT REDIS_PASSWORD REDIS_SERVICE_HOST REDIS_SERVICE_PORT REDIS_PORT_6379_TCP_ADDR
  CACHE_URL CACHE_KEY CACHE_HOST CACHE_PORT CACHE_SERVICE_HOST CACHE_DRIVER CACHE_STORE CACHE_PREFIX
  DATA_DIR LOG_DIR LOG_FILE LOG_PATH ERROR_LOG ERROR_PAGE DATABASE_URL BASE_URL PUBLIC_DIR PUBLIC_HOST
  JOURNAL_STREAM INVOCATION_ID NOTIFY_SOCKET KUBERNETES_SERVICE_HOST DOCKER_HOST POD_NAME
  GITHUB_TOKEN ADMIN_EMAIL ADMIN_PASSWORD ADMIN_USER TOKEN RATE ARCHIVE FEED FEED_URL TIMEOUT
  TORRENT_DIR TORRENT_CLIENT TORRENT_USER PLAY_STORE PLAYLINK_HOME UPLOAD_DIR UPLOAD_MAX_SIZE
  SHUTDOWN_TIMEOUT SQLITE_TMPDIR SQLITE_HISTORY MAX_MEMORY MAX_CONNECTIONS MAX_UPLOADS DHT_NODES
  CATALINA_HOME OUTBOUND_PROXY CLUSTER_NAME JACKETT_API_KEY TORZNAB_KEY STREMIO_URL
`

test('other programs’ names are left alone', () => {
  const names = FOREIGN.trim().split(/\s+/)
  expect(names.length).toBeGreaterThan(100)
  expect(misspelled(names, known)).toEqual([])
})

test('so are ours, in both forms', () => {
  expect(misspelled([...known, ...known.map((name) => `${name}_FILE`)], known)).toEqual([])
})
