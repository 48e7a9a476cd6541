import { errorCode } from '../errors.ts'
import { typed } from './command-names.ts'

/** What to tell an operator whose HOST and PORT cannot be listened on; undefined: it is something else. */
export function whyNotListening(
  error: unknown,
  { host, port }: { readonly host: string; readonly port: number },
): readonly string[] | undefined {
  const code = errorCode(error)
  if (code === 'EADDRINUSE' || code === 'EACCES') {
    const why = code === 'EADDRINUSE' ? 'is taken by another program' : 'may not be used by you'
    return [
      `PORT ${port} on ${host} ${why} (${code}).`,
      `Set another: ${typed.start} --port 8000, or PORT=8000 in the environment or in .env.`,
    ]
  }
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
    return [`HOST ${host} is no address of this machine (${code})`]
  }
  return undefined
}
