// `node bin/health.mjs`: whether the server in this container answers, for HEALTHCHECK; exit code 0 or 1.
// Asks /health at PORT of this machine; what is set by a file (PORT_FILE, .env) it does not know.

const { PORT = '7000', HOST } = process.env
const host = !HOST || HOST === '0.0.0.0' ? '127.0.0.1' : HOST === '::' ? '::1' : HOST
const url = `http://${host.includes(':') ? `[${host}]` : host}:${PORT || '7000'}/health`
try {
  const { status } = await fetch(url, { signal: AbortSignal.timeout(4000) })
  process.exitCode = status === 200 ? 0 : 1
} catch {
  process.exitCode = 1
}
