import { expect, test } from 'vitest'
import { BadConfig, readConfig } from '../../server/config'

const read = (flags: string, environment: Record<string, string> = {}) =>
  readConfig(flags.split(' ').filter(Boolean), environment)

test('without flags everything has a default', () => {
  expect(read('')).toEqual({
    port: 4310,
    host: '127.0.0.1',
    seed: 1,
    speed: 1,
    fleet: 'default',
    threads: null,
    trace: null,
    data: './data',
    historyBytes: 2 ** 29,
    fresh: false,
    dev: false,
    help: false,
  })
})

test('a value follows its flag or an equals sign', () => {
  expect(read('--port 0 --seed=7 --speed=60 --data=/tmp/a=b --dev')).toMatchObject({
    port: 0,
    seed: 7,
    speed: 60,
    data: '/tmp/a=b',
    dev: true,
  })
})

test('the environment sets what no flag does', () => {
  const environment = { HEADGATE_PORT: '5000', HEADGATE_SEED: '9', HEADGATE_DEV: 'true', HEADGATE_SPEED: '' }
  expect(read('--port 6000', environment)).toMatchObject({ port: 6000, seed: 9, speed: 1, dev: true })
})

test('a trace drives chat at its own rate unless told otherwise', () => {
  expect(read('--trace a.csv').trace).toEqual({ file: 'a.csv', workload: 'chat', scale: 1 })
  expect(read('--trace a.csv --workload code --scale 2.5').trace).toEqual({
    file: 'a.csv',
    workload: 'code',
    scale: 2.5,
  })
})

test.each([
  ['--colour red', /^flags: got "--colour", expected one of --port /],
  ['red', /^flags: got "red", expected one of /],
  ['--port', /^--port: got null, expected a value after it$/],
  ['--port --dev', /^--port: got "--dev", expected a value/],
  ['--port abc', /^--port: got "abc", expected a whole number from 0 to 65535$/],
  ['--port 65536', /^--port: got "65536", expected a whole number from 0 to 65535$/],
  ['--port 1.5', /^--port: got "1.5", expected a whole number/],
  ['--port=', /^--port: got "", expected a whole number/],
  ['--port 1 --port 2', /^--port: got "2", expected the flag once$/],
  ['--speed 0', /^--speed: got "0", expected a whole number from 1 to 600$/],
  ['--speed 601', /^--speed: got "601", expected a whole number from 1 to 600$/],
  ['--seed -1', /^--seed: got "-1", expected a whole number/],
  ['--host http://here', /^--host: got "http:\/\/here", expected an address of this machine, such as 127.0.0.1$/],
  ['--host=', /^--host: got "", expected an address/],
  ['--fleet nowhere', /^--fleet: got "nowhere", expected one of .*default/],
  ['--fleet toString', /^--fleet: got "toString"/],
  ['--workload chat', /^--workload: got "chat", expected a trace to go with it/],
  ['--scale 2', /^--scale: got "2", expected a trace to go with it/],
  ['--trace a.csv --scale 0', /^--scale: got "0", expected a number above 0/],
  ['--trace a.csv --scale many', /^--scale: got "many", expected a number above 0/],
  [
    '--trace a.csv --workload nothing',
    /^--workload: got "nothing", expected a workload that a trace can drive: .*chat/,
  ],
  ['--trace a.csv --workload ranking', /^--workload: got "ranking", expected a workload that a trace can drive/],
  ['--dev=maybe', /^--dev: got "maybe", expected one of true, false$/],
  ['--data=', /^--data: got "", expected the path of a folder$/],
])('%s is refused in one line that names flag, value and what was expected', (flags, line) => {
  expect(() => read(flags)).toThrow(BadConfig)
  expect(() => read(flags)).toThrow(line)
})

test('a bad variable is named as such', () => {
  expect(() => read('', { HEADGATE_SPEED: 'fast' })).toThrow(
    /^HEADGATE_SPEED: got "fast", expected a whole number from 1 to 600$/,
  )
})
