import { z } from 'zod';
import { endpoint } from '../../model/endpoint.ts';
import { pageOf, pageQuery } from '../../model/page.ts';

export const Team = z.object({
  id: z.string(),
  name: z.string(),
  members: z.array(z.object({ userId: z.string(), name: z.string() })),
  workloads: z.number().int(),
});
export type Team = z.output<typeof Team>;

export const OwnerTarget = z.object({ kind: z.enum(['team', 'user']), id: z.string().max(100) });

/**
 * All conditions given must hold; `*` matches any run of characters. The first rule that fits wins.
 */
export const RuleCondition = z.object({
  /** `com.example.team=payments`, or a key alone for any value. */
  label: z.string().max(300).optional(),
  /** `registry.example/payments/*` */
  imagePath: z.string().max(500).optional(),
  connectionId: z.string().max(100).optional(),
  namePattern: z.string().max(300).optional(),
});

export const OwnerRule = z.object({
  id: z.string(),
  position: z.number().int(),
  condition: RuleCondition,
  owner: OwnerTarget.extend({ name: z.string() }),
  workloads: z.number().int(),
});
export type OwnerRule = z.output<typeof OwnerRule>;

const byId = z.object({ id: z.string().max(100) });
const name = z.string().trim().min(1).max(200);
const rule = z.object({ condition: RuleCondition, owner: OwnerTarget });

export const ownershipEndpoints = {
  listTeams: endpoint({
    method: 'GET',
    path: '/api/v1/teams',
    summary: 'Teams that can own workloads.',
    action: 'ownership.read',
    query: z.object(pageQuery),
    response: pageOf(Team),
  }),
  createTeam: endpoint({
    method: 'POST',
    path: '/api/v1/teams',
    summary: 'Create a team.',
    action: 'ownership.manage',
    body: z.object({ name, memberIds: z.array(z.string().max(100)).max(1000).default([]) }),
    response: Team,
    status: 201,
  }),
  changeTeam: endpoint({
    method: 'PATCH',
    path: '/api/v1/teams/:id',
    summary: 'Rename a team or change its members.',
    action: 'ownership.manage',
    params: byId,
    body: z.object({
      name: name.optional(),
      memberIds: z.array(z.string().max(100)).max(1000).optional(),
    }),
    response: Team,
  }),
  removeTeam: endpoint({
    method: 'DELETE',
    path: '/api/v1/teams/:id',
    summary: 'Remove a team that owns nothing by a rule.',
    action: 'ownership.manage',
    params: byId,
  }),
  listOwnerRules: endpoint({
    method: 'GET',
    path: '/api/v1/owner-rules',
    summary: 'The ordered rules that name owners.',
    action: 'ownership.read',
    response: z.object({ items: z.array(OwnerRule), unowned: z.number().int() }),
  }),
  previewOwnerRules: endpoint({
    method: 'POST',
    path: '/api/v1/owner-rules/preview',
    summary: 'What a new order or a new set of rules would change, before it is kept.',
    action: 'ownership.manage',
    body: z.object({ rules: z.array(rule).max(500) }),
    response: z.object({
      changes: z.array(
        z.object({
          workloadId: z.string(),
          workloadName: z.string(),
          from: z.string().optional(),
          to: z.string().optional(),
        }),
      ),
      changed: z.number().int(),
      owned: z.number().int(),
      unowned: z.number().int(),
    }),
  }),
  replaceOwnerRules: endpoint({
    method: 'PUT',
    path: '/api/v1/owner-rules',
    summary: 'Keep this ordered set of rules.',
    action: 'ownership.manage',
    body: z.object({ rules: z.array(rule).max(500) }),
    response: z.object({ items: z.array(OwnerRule), unowned: z.number().int() }),
  }),
};
