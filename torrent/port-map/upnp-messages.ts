import { Parser } from 'htmlparser2'

/** Where SSDP is heard (UPnP Device Architecture 1.1, 1.3). */
export const SSDP_PORT = 1900
export const SSDP_GROUP = '239.255.255.250'

/** Of an Internet Gateway Device; later versions answer to the first one too. */
const DEVICE = 'urn:schemas-upnp-org:device:InternetGatewayDevice:1'
/** What maps ports. */
const SERVICE = /^urn:schemas-upnp-org:service:WAN(?:IP|PPP)Connection:[12]$/
const MAX_SERVICES = 100
const MAX_TEXT = 1000

/** @param to address of one gateway, or the group */
export const searchRequest = (to: string): Buffer =>
  Buffer.from(
    `M-SEARCH * HTTP/1.1\r\nHOST: ${to}:${SSDP_PORT}\r\nMAN: "ssdp:discover"\r\nMX: 1\r\nST: ${DEVICE}\r\n\r\n`,
  )

/** The address of the gateway's description; undefined when it is no such answer, or names another host. */
export function readLocation(bytes: Buffer, gateway: string): URL | undefined {
  const text = bytes.toString('latin1', 0, 4096)
  if (!/^HTTP\/1\.[01] 200\b/.test(text)) return undefined
  const at = /^location:[ \t]*(\S{1,500})[ \t]*\r?$/im.exec(text)?.[1]
  return at === undefined ? undefined : onGateway(at, undefined, gateway)
}

export interface ControlPoint {
  readonly url: URL
  readonly type: string
}

/** What maps ports, in a description of the device; undefined: nothing does, or it is elsewhere. */
export function readControlPoint(
  xml: string,
  base: URL,
  gateway: string,
): ControlPoint | undefined {
  const services: Record<string, string>[] = []
  let root: string | undefined
  let name = ''
  let text = ''
  const parser = new Parser(
    {
      onopentag(tag) {
        name = localName(tag)
        text = ''
        if (name === 'service' && services.length < MAX_SERVICES) services.push({})
      },
      ontext(more) {
        if (text.length < MAX_TEXT) text += more
      },
      onclosetag(tag) {
        if (localName(tag) !== name) return
        const service = services.at(-1)
        if (name === 'urlbase') root = text.trim()
        else if (service) service[name] ??= text.trim()
        name = ''
      },
    },
    { xmlMode: true, decodeEntities: true },
  )
  parser.end(xml)
  for (const { servicetype = '', controlurl } of services) {
    if (!SERVICE.test(servicetype) || controlurl === undefined) continue
    const url = onGateway(controlurl, root && URL.canParse(root) ? root : base.href, gateway)
    if (url) return { url, type: servicetype }
  }
  return undefined
}

/** Names are compared without their prefix and case. */
const localName = (tag: string): string => tag.slice(tag.indexOf(':') + 1).toLowerCase()

/** Only the gateway itself is ever spoken to. */
function onGateway(text: string, base: string | undefined, gateway: string): URL | undefined {
  const url = URL.parse(text, base)
  return url?.protocol === 'http:' && url.hostname === gateway ? url : undefined
}

/** A SOAP request; the values are numbers and addresses of ours. */
export function soapRequest(
  type: string,
  action: string,
  values: Readonly<Record<string, string | number>>,
): string {
  const args = Object.entries(values).map(([name, value]) => `<${name}>${value}</${name}>`)
  return `<?xml version="1.0"?>
<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" s:encodingStyle="http://schemas.xmlsoap.org/soap/encoding/"><s:Body><u:${action} xmlns:u="${type}">${args.join('')}</u:${action}></s:Body></s:Envelope>`
}

/** Of a refusal (UPnP Device Architecture 1.1, 3.2.2). */
export const readErrorCode = (xml: string): number | undefined => {
  const code = /<(?:\w+:)?errorCode>\s*(\d{3})\s*</i.exec(xml)?.[1]
  return code === undefined ? undefined : Number(code)
}
