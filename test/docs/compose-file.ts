import { parse } from 'yaml'
import { z } from 'zod'
import { read } from './project-files.ts'

/** Of the compose specification what we use, and nothing else: a misspelled key would only be ignored. */
const text = z.string().min(1)
const port = z.string().regex(/^\d+:\d+\/(tcp|udp)$/)
const service = z.strictObject({
  build: z.strictObject({ context: text, dockerfile: text }).optional(),
  image: text,
  restart: z.literal('unless-stopped'),
  read_only: z.boolean().optional(),
  tmpfs: z.array(text).optional(),
  cap_add: z.array(text).optional(),
  cap_drop: z.array(text).optional(),
  security_opt: z.array(text).optional(),
  devices: z.array(text).optional(),
  mem_limit: z
    .string()
    .regex(/^\d+[mg]$/)
    .optional(),
  stop_grace_period: z
    .string()
    .regex(/^\d+s$/)
    .optional(),
  network_mode: z
    .string()
    .regex(/^service:\w+$/)
    .optional(),
  depends_on: z
    .union([
      z.array(text),
      z.record(text, z.strictObject({ condition: z.literal('service_healthy') })),
    ])
    .optional(),
  // Texts only: YAML's own true would reach a container as another word.
  environment: z.record(text, z.string()).optional(),
  ports: z.array(port).optional(),
  volumes: z.array(z.string().regex(/^(\w+|\.\/[\w.]+):\/[\w/.]+(:ro)?$/)).optional(),
  command: text.optional(),
  extra_hosts: z.array(z.string().regex(/^\w+:[\d.]+$/)).optional(),
  networks: z.strictObject({ default: z.strictObject({ ipv4_address: z.ipv4() }) }).optional(),
})
const compose = z.strictObject({
  services: z.record(text, service),
  networks: z
    .strictObject({
      default: z.strictObject({
        ipam: z.strictObject({ config: z.tuple([z.strictObject({ subnet: z.cidrv4() })]) }),
      }),
    })
    .optional(),
  volumes: z.record(text, z.strictObject({})),
})

/** A compose file of deploy/, as compose reads it. @throws ZodError for what is none of it */
export const composeFile = (file: string): z.infer<typeof compose> =>
  compose.parse(parse(read(file), { merge: true }))
