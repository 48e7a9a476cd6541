import type { Config } from '../config/config.ts'
import { askOwn } from './ask-own.ts'
import { fault, ok, type Verdict, warning } from './finding.ts'
import { causeOf } from './why-unreachable.ts'

/** A file of the pages, which everybody may have: answered as films are, and nothing is started for it. */
const FILE = '/assets/logo.png'

/**
 * Whether HEAD and Range (RFC 9110 9.3.2, 14.2) come through to this server as players send them.
 * @param own where the server that runs listens; undefined: none does
 */
export async function checkRanges(
  { publicUrl }: Pick<Config, 'publicUrl'>,
  own: string | undefined,
  signal: AbortSignal,
): Promise<Verdict> {
  const base = publicUrl ?? own
  if (base === undefined || own === undefined) return ok('not asked: no server runs now')
  try {
    const [head, part] = await Promise.all([
      askOwn(base + FILE, signal, { method: 'HEAD' }),
      askOwn(base + FILE, signal, { headers: { Range: 'bytes=0-0' } }),
    ])
    if (part.status !== 206 || !/^bytes 0-0\/\d+$/.test(part.headers['content-range'] ?? '')) {
      return fault(
        `${base} answers a Range with status ${part.status} and not with that part`,
        'Let the proxy hand on Range and Content-Range: without them nobody can seek.',
      )
    }
    if (head.status !== 200 || head.headers['content-length'] === undefined) {
      return warning(
        `${base} answers HEAD with status ${head.status} and no size`,
        'Let the proxy hand on HEAD: some players ask for the size first.',
      )
    }
    return ok(`${base} answers both as films need it`)
  } catch (error) {
    return warning(
      `${base} could not be asked: ${causeOf(error).message}`,
      'See what stands at PUBLIC_URL and PORT.',
    )
  }
}
