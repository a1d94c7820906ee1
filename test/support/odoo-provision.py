# Run by `odoo shell`: the service's user with the least rights, two agents, a team, and an API key for each user.
user = env['res.users'].with_context(no_reset_password=True)

def create(name, login, *groups):
    ids = [env.ref(group).id for group in ('base.group_user', *groups)]
    return user.create({'name': name, 'login': login, 'password': login, 'email': login + '@example.com', 'group_ids': [(6, 0, ids)]})

service = create('Durable Handoff', 'handoff', 'base.group_partner_manager', 'helpdesk_mgmt.group_helpdesk_manager')
alice = create('Alice Agent', 'alice', 'helpdesk_mgmt.group_helpdesk_manager')
bob = create('Bob Agent', 'bob', 'helpdesk_mgmt.group_helpdesk_manager')
env['helpdesk.ticket.team'].create({'name': 'Chats', 'user_ids': [(6, 0, [alice.id, bob.id])]})
for each in (service, alice, bob):
    # As the system, which may give keys without an end.
    print('KEY %s %s' % (each.login, env['res.users.apikeys'].with_user(each).sudo()._generate('rpc', 'test', None)))
env.cr.commit()
