/** The other side of the wire: many clients in a process of their own. */
import { setTimeout as wait } from 'node:timers/promises'
import { io } from 'socket.io-client'

export interface WireTask {
  url: string
  clients: number
  seconds: number
}

process.once('message', async (task: WireTask) => {
  const delays: number[] = []
  let listening = false
  const sockets = Array.from({ length: task.clients }, () =>
    io(task.url, { transports: ['websocket'], forceNew: true }),
  )
  for (const socket of sockets)
    socket.on('frame', ({ madeAt }: { madeAt: number }) => {
      if (listening) delays.push(performance.timeOrigin + performance.now() - madeAt)
    })
  await Promise.all(sockets.map(socket => new Promise<void>(resolve => socket.once('frame', () => resolve()))))
  // the greetings are over
  await wait(2000)
  listening = true
  await wait(task.seconds * 1000)
  for (const socket of sockets) socket.disconnect()
  process.send?.(delays)
})
