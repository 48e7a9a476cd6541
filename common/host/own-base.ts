/** The address at which this machine reaches a server of its own that listens there. */
export function ownBase({ host, port }: { readonly host: string; readonly port: number }): string {
  const any = { '0.0.0.0': '127.0.0.1', '::': '[::1]' } as Record<string, string>
  const name = any[host] ?? (host.includes(':') ? `[${host}]` : host)
  return `http://${name}:${port}`
}
