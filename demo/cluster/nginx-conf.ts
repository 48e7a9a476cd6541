/**
 * A whole configuration of an nginx that runs in the foreground and writes to its home only.
 * @param main what else stands outside of its blocks
 * @param http what stands in the http block
 */
export function wholeConf(home: string, main: string, http: string): string {
  const temp = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((kind) => `${kind}_temp_path ${home}/${kind};`)
    .join(' ')
  // Only root can be told to stay root.
  const user = process.getuid?.() === 0 ? 'user root;' : ''
  return `daemon off; pid ${home}/pid; worker_processes 1; ${user}
${main}
events { worker_connections 256; }
http {
${temp}
${http}
}
`
}
