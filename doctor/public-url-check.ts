import { readFileSync } from 'node:fs'
import { z } from 'zod'
import type { Config } from '../config/config.ts'
import { askOwn, type OwnAnswer } from './ask-own.ts'
import { fault, ok, type Verdict, warning } from './finding.ts'
import { adviceFor, causeOf } from './why-unreachable.ts'

const { id: OWN_ID }: { readonly id: string } = JSON.parse(
  readFileSync(new URL('../manifest.json', import.meta.url), 'utf8'),
)
const manifestShape = z.object({ id: z.string() })
const refusalShape = z.object({ error: z.object({ code: z.string() }) })
const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/
const NOT_UP = 'Start the server, and run this again.'

/**
 * Whether viewers reach this server by PUBLIC_URL, asked from here.
 * @param serves whether a server runs on PORT: without one a proxy in front of it has nothing to say
 */
export async function checkPublicUrl(
  { publicUrl, accessTokens }: Pick<Config, 'publicUrl' | 'accessTokens'>,
  serves: boolean,
  signal: AbortSignal,
): Promise<Verdict> {
  if (publicUrl === undefined) return ok('not set: addresses are those that each request came by')
  const url = `${publicUrl}/manifest.json`
  let answer: OwnAnswer
  try {
    answer = await askOwn(url, signal)
  } catch (error) {
    const said = `${url} cannot be reached from here: ${causeOf(error).message}`
    return serves ? fault(said, adviceFor(error, 'PUBLIC_URL')) : warning(said, NOT_UP)
  }
  const code = refusalShape.safeParse(answer.json).data?.error.code
  if (code === 'TOKEN_MISSING' && accessTokens !== undefined) return isGood(publicUrl, answer)
  if (manifestShape.safeParse(answer.json).data?.id === OWN_ID) return isGood(publicUrl, answer)
  const said = `${url} answers with status ${answer.status} and is not this addon's manifest`
  if (!serves && answer.status >= 500) return warning(said, NOT_UP)
  return fault(said, whatNext(answer))
}

function whatNext({ status, headers }: OwnAnswer): string {
  if (status >= 300 && status < 400) {
    const to = URL.parse(headers.location ?? '')?.origin ?? 'another path'
    return `It sends on to ${to}: set PUBLIC_URL to what answers itself.`
  }
  if (status >= 500) return 'The proxy does not reach this server: mend its address or port there.'
  return 'Set PUBLIC_URL to the address, with its path, that your proxy hands to this server.'
}

function isGood(publicUrl: string, { headers }: OwnAnswer): Verdict {
  const { protocol, hostname } = new URL(publicUrl)
  if (headers['access-control-allow-origin'] !== '*') {
    return warning(
      `${publicUrl} answers, but without "Access-Control-Allow-Origin: *"`,
      "Let the proxy hand on this server's headers: Stremio in a browser needs that one.",
    )
  }
  if (protocol === 'http:' && !LOOPBACK.test(hostname)) {
    return warning(
      `${publicUrl} answers, but Stremio wants https for an address on another machine`,
      'Put a web server with a certificate in front of it: README.md, docs/deploy.md.',
    )
  }
  return ok(`${publicUrl} answers with this addon's manifest`)
}
