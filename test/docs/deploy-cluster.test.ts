import { describe, expect, test } from '@jest/globals'
import { parseAllDocuments } from 'yaml'
import { z } from 'zod'
import { variables } from '../../config/variables.ts'
import { composeFile } from './compose-file.ts'
import { read } from './project-files.ts'

const nginx = read('deploy/cluster/nginx.conf')

describe('deploy/cluster/compose.yaml', () => {
  const { services, networks } = composeFile('deploy/cluster/compose.yaml')
  const nodes = Object.entries(services).filter(([name]) => /^node\d$/.test(name))
  const addressOf = (name: string): string =>
    services[name]?.networks?.default.ipv4_address ?? `no address: ${name}`

  test('has the nodes that nginx asks, each as the others call it', () => {
    const asked = [...nginx.matchAll(/^ +server (node\d:\d+) /gm)].map(([, at]) => at)
    expect(nodes.map(([name]) => `${name}:7000`)).toEqual(asked)
    for (const [name, { environment }] of nodes) {
      expect(environment?.NODE_URL).toBe(`http://${name}:7000`)
    }
    expect(services.balancer?.volumes).toContain('./nginx.conf:/etc/nginx/conf.d/default.conf:ro')
    expect(services.balancer?.extra_hosts).toEqual(
      nodes.map(([name]) => `${name}:${addressOf(name)}`),
    )
  })

  test('its nodes differ in place, folder and peers only', () => {
    const own = new Set<string>()
    const rest = nodes.map(([name, { environment, ports, volumes, ...shared }]) => {
      const { NODE_URL, TORRENT_PORT, ...settings } = environment ?? {}
      for (const each of [NODE_URL, TORRENT_PORT, addressOf(name), ...(volumes ?? [])]) {
        own.add(`${each}`)
      }
      expect(ports).toEqual(['tcp', 'udp'].map((kind) => `${TORRENT_PORT}:${TORRENT_PORT}/${kind}`))
      return { ...shared, settings, networks: undefined }
    })
    expect(own.size).toBe(4 * nodes.length)
    expect(rest).toEqual(rest.map(() => rest[0]))
  })

  test('only the balancer is believed, and only it and the peers are reached from outside', () => {
    const trusted = new Set(nodes.map(([, { environment }]) => environment?.TRUST_PROXY))
    expect([...trusted]).toEqual([`${addressOf('balancer')}/32`])
    const [subnet = ''] = networks?.default.ipam.config[0].subnet.split('.0/24') ?? []
    for (const [name] of [...nodes, ['balancer']]) {
      expect(addressOf(`${name}`)).toMatch(new RegExp(`^${subnet}\\.\\d+$`))
    }
    expect(services.redis?.ports).toBeUndefined()
    expect(services.balancer?.ports).toEqual(['80:80/tcp'])
  })

  test('secrets come from outside', () => {
    for (const [, { environment }] of nodes) {
      for (const name of ['CLUSTER_SECRET', 'ADMIN_TOKEN']) {
        expect(environment?.[name]).toBe(`\${${name}:?set ${name}}`)
      }
    }
  })
})

/** Of the API of Kubernetes what we use, and nothing else: a misspelled key would be refused there. */
const text = z.string().min(1)
const labels = z.strictObject({ app: z.literal('playlink') })
const metadata = z.strictObject({ name: text, labels: labels.optional() })
const selector = z.strictObject({ matchLabels: labels })
const serviceShape = z.strictObject({
  apiVersion: z.literal('v1'),
  kind: z.literal('Service'),
  metadata,
  spec: z.strictObject({
    clusterIP: z.literal('None').optional(),
    publishNotReadyAddresses: z.boolean().optional(),
    selector: labels,
    ports: z.tuple([
      z.strictObject({ name: text, port: z.int(), targetPort: z.union([text, z.int()]) }),
    ]),
  }),
})
const budgetShape = z.strictObject({
  apiVersion: z.literal('policy/v1'),
  kind: z.literal('PodDisruptionBudget'),
  metadata,
  spec: z.strictObject({ maxUnavailable: z.int().positive(), selector }),
})
const probe = z.strictObject({
  httpGet: z.strictObject({ path: text, port: text }),
  periodSeconds: z.int().positive(),
  timeoutSeconds: z.int().positive().optional(),
  failureThreshold: z.int().positive(),
})
const named = z.strictObject({ name: text, key: text })
const setting = z.union([
  z.strictObject({ name: text, value: z.string() }),
  z.strictObject({ name: text, valueFrom: z.strictObject({ secretKeyRef: named }) }),
  z.strictObject({
    name: text,
    valueFrom: z.strictObject({
      fieldRef: z.strictObject({ fieldPath: z.literal('metadata.name') }),
    }),
  }),
])
const sizes = z.strictObject({ cpu: text.optional(), memory: text })
const container = z.strictObject({
  name: text,
  image: text,
  ports: z.tuple([z.strictObject({ name: text, containerPort: z.int() })]),
  env: z.array(setting),
  startupProbe: probe,
  livenessProbe: probe,
  readinessProbe: probe,
  lifecycle: z.strictObject({
    preStop: z.strictObject({ exec: z.strictObject({ command: z.array(text) }) }),
  }),
  resources: z.strictObject({ requests: sizes, limits: sizes }),
  securityContext: z.strictObject({
    allowPrivilegeEscalation: z.literal(false),
    readOnlyRootFilesystem: z.literal(true),
    capabilities: z.strictObject({ drop: z.tuple([z.literal('ALL')]) }),
  }),
  volumeMounts: z.array(z.strictObject({ name: text, mountPath: text })),
})
const setShape = z.strictObject({
  apiVersion: z.literal('apps/v1'),
  kind: z.literal('StatefulSet'),
  metadata,
  spec: z.strictObject({
    serviceName: text,
    replicas: z.int(),
    podManagementPolicy: z.literal('Parallel'),
    selector,
    template: z.strictObject({
      metadata: z.strictObject({ labels }),
      spec: z.strictObject({
        automountServiceAccountToken: z.literal(false),
        enableServiceLinks: z.literal(false),
        terminationGracePeriodSeconds: z.int(),
        securityContext: z.strictObject({
          runAsNonRoot: z.literal(true),
          runAsUser: z.int(),
          runAsGroup: z.int(),
          fsGroup: z.int(),
          fsGroupChangePolicy: z.literal('OnRootMismatch'),
          seccompProfile: z.strictObject({ type: z.literal('RuntimeDefault') }),
        }),
        topologySpreadConstraints: z.tuple([
          z.strictObject({
            maxSkew: z.int(),
            topologyKey: text,
            whenUnsatisfiable: z.literal('ScheduleAnyway'),
            labelSelector: selector,
          }),
        ]),
        containers: z.tuple([container]),
        volumes: z.array(z.strictObject({ name: text, emptyDir: z.strictObject({}) })),
      }),
    }),
    volumeClaimTemplates: z.tuple([
      z.strictObject({
        metadata,
        spec: z.strictObject({
          accessModes: z.tuple([z.literal('ReadWriteOnce')]),
          resources: z.strictObject({
            requests: z.strictObject({ storage: z.string().regex(/^\d+Gi$/) }),
          }),
        }),
      }),
    ]),
  }),
})

describe('deploy/cluster/kubernetes.yaml', () => {
  const documents = parseAllDocuments(read('deploy/cluster/kubernetes.yaml')) as {
    toJS(): unknown
  }[]
  const [inner, outer, budget, set] = z
    .tuple([serviceShape, serviceShape, budgetShape, setShape])
    .parse(documents.map((document) => document.toJS()))
  const pod = set.spec.template.spec
  const [main] = pod.containers
  const settings = new Map(main.env.map((each) => [each.name, each]))
  const settingOf = (name: string): string => {
    const found = settings.get(name)
    return found && 'value' in found ? found.value : ''
  }

  test('a pod is reached by its own name, also while it stops; viewers by those that are ready', () => {
    expect(inner.spec).toMatchObject({ clusterIP: 'None', publishNotReadyAddresses: true })
    expect(set.spec.serviceName).toBe(inner.metadata.name)
    expect(settingOf('NODE_URL')).toBe(`http://$(POD_NAME).${inner.metadata.name}:7000`)
    // What a value refers to has to stand before it.
    const names = main.env.map(({ name }) => name)
    expect(names.indexOf('POD_NAME')).toBeLessThan(names.indexOf('NODE_URL'))
    expect(outer.spec.clusterIP).toBeUndefined()
    expect(outer.spec.publishNotReadyAddresses).toBeUndefined()
    expect(main.ports[0].containerPort).toBe(7000)
    for (const { spec } of [inner, outer]) {
      expect(spec.ports[0].targetPort).toBe(main.ports[0].name)
    }
    expect(budget.spec.maxUnavailable).toBeLessThan(set.spec.replicas)
  })

  test('sets settings, with values that are taken', () => {
    for (const [name, each] of settings) {
      if (name === 'POD_NAME') continue
      expect([name, Object.hasOwn(variables, name)]).toEqual([name, true])
      const value = 'value' in each ? each.value.replace('$(POD_NAME)', 'playlink-0') : undefined
      const { parse } = variables[name as keyof typeof variables]
      if (value !== undefined) expect(() => parse(value, '/')).not.toThrow()
    }
  })

  test('secrets are in a Secret, of which the file tells how it is made', () => {
    const made = /kubectl create secret generic (\w+)/.exec(
      read('deploy/cluster/kubernetes.yaml'),
    )?.[1]
    for (const name of ['REDIS_URL', 'CLUSTER_SECRET', 'ADMIN_TOKEN']) {
      expect(settings.get(name)).toEqual({
        name,
        valueFrom: { secretKeyRef: { name: made, key: name } },
      })
      expect(read('deploy/cluster/kubernetes.yaml')).toContain(`--from-literal=${name}=`)
    }
  })

  test('viewers get their time before the pod is killed, and a node that stops is not', () => {
    const grace = Number(settingOf('SHUTDOWN_GRACE'))
    const [program, seconds] = main.lifecycle.preStop.exec.command
    expect(program).toBe('sleep')
    expect(pod.terminationGracePeriodSeconds).toBeGreaterThan(grace + Number(seconds) + 5)
    // Long enough for the readiness probe to say it, had the sleep not.
    const { periodSeconds, failureThreshold } = main.readinessProbe
    expect(Number(seconds)).toBeGreaterThan(periodSeconds * failureThreshold)
    const paths = [main.startupProbe, main.livenessProbe, main.readinessProbe].map(
      ({ httpGet }) => httpGet.path,
    )
    expect(paths).toEqual(['/health', '/health', '/ready'])
  })

  test('every pod has a volume of its own, larger than what it keeps there', () => {
    const [claim] = set.spec.volumeClaimTemplates
    expect(main.volumeMounts).toEqual([
      { name: claim.metadata.name, mountPath: '/cache' },
      { name: pod.volumes[0]?.name, mountPath: '/tmp' },
    ])
    const bytes = Number.parseInt(claim.spec.resources.requests.storage, 10) * 2 ** 30
    expect(Number(settingOf('CACHE_MAX_DISK_MB')) * 1e6).toBeLessThan(0.95 * bytes)
    // Of deploy/Dockerfile.
    expect(read('deploy/Dockerfile')).toContain(
      `USER ${pod.securityContext.runAsUser}:${pod.securityContext.runAsGroup}`,
    )
  })
})
