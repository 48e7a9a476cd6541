import { errorCode } from '../common/errors.ts'

/** What is read of an error. */
type Cause = Pick<Error, 'name' | 'message'> & { readonly address?: string; readonly port?: number }

/** What went wrong underneath: a Fault has it as its cause, and Node tells of several addresses at once. */
export function causeOf(error: unknown): Cause {
  const { cause = error } = Object(error) as Error
  const [first = cause] = (Object(cause) as AggregateError).errors ?? []
  return typeof first?.message === 'string' ? first : new Error(String(first))
}

const BAD_CERTIFICATE = /CERT|SELF_SIGNED|UNABLE_TO_VERIFY|ALTNAME/
/** Of HTTP, or of Torznab: codes 100 to 199 are of the account. */
const NO_ENTRY = /^(?:status 40[13]|indexer's error 1\d\d)$/

/** A sentence for the operator whose setting names a server that does not answer well. */
export function adviceFor(error: unknown, setting: string): string {
  const found = causeOf(error)
  const code = errorCode(found) ?? ''
  const { name, message, address = '', port } = found
  if (name === 'RefusedAddress') {
    const host = address.includes(':') ? `[${address}]` : address
    return `It is no public address: if it is yours, allow it by OUTBOUND_ALLOW=${host}:${port}.`
  }
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
    return `This machine finds no address for that name: mend ${setting}, or the machine's DNS.`
  }
  if (code === 'ECONNREFUSED') return `Nothing listens there: start it, or mend ${setting}.`
  if (BAD_CERTIFICATE.test(code)) {
    return 'Its certificate is not believed: renew it, or name its authority by NODE_EXTRA_CA_CERTS.'
  }
  if (NO_ENTRY.test(message)) return `It does not take the key: mend it in ${setting}.`
  if (message === 'status 404') return `It has nothing at that path: mend it in ${setting}.`
  return `See what it says itself, or take it out of ${setting}.`
}
