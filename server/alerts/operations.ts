import type { Operation } from '../http/operation'
import type { AlertDesk } from './desk'
import { alertsSchema, objectivesSchema } from './view'

/** Alerts over REST; what somebody does about them is a command. */
export function alertOperations(alerts: Pick<AlertDesk, 'view' | 'objectives'>): Operation[] {
  return [
    {
      method: 'get',
      path: '/api/v1/alerts',
      summary: 'What fires or is about to, silences, rules in force, what is over, and what is unusual.',
      answers: { 200: { description: 'Alerts.', schema: alertsSchema } },
      handle: (_, response) => void response.json(alerts.view()),
    },
    {
      method: 'get',
      path: '/api/v1/objectives',
      summary:
        'How the objectives of the workloads stand: burn rates, what is left of error budgets, and for how long.',
      answers: { 200: { description: 'Objectives.', schema: objectivesSchema } },
      handle: (_, response) => void response.json(alerts.objectives()),
    },
  ]
}
