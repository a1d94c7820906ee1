# All that the service needs in Request Tracker: a queue for chats, its own account with its rights, and the custom field.
# Loaded once, by Request Tracker's own tool and with the account's password in the environment:
#   RT_PASSWORD=... rt-setup-database --action insert --datafile connectors/request-tracker/initialdata.pl
use strict;
use warnings;

our ( @Queues, @Users, @CustomFields, @ACL, @Templates );

my $password = $ENV{RT_PASSWORD} or die "Set RT_PASSWORD to the password that the account 'handoff' is to have.\n";
my ( $queue, $account ) = ( 'Chats', 'handoff' );

# A second custom field of the same name would leave it open which of the two is meant.
my $existing = RT::Queue->new( RT->SystemUser );
$existing->Load($queue);
die "There is a queue '$queue' already: this file has been loaded, or the queue has to be set up by hand.\n"
    if $existing->Id;

@Queues = ( { Name => $queue, Description => 'Conversations that a bot has handed over' } );

@Users = ( { Name => $account, RealName => 'Durable Handoff', Password => $password, Privileged => 1 } );

@CustomFields = (
    {
        Name        => 'HandoffKey',
        Description => 'Ties the ticket to its handoff',
        Type        => 'FreeformSingle',
        LookupType  => 'RT::Queue-RT::Ticket',
        Queue       => [$queue],
    },
);

@ACL = (
    ( map { { Right => $_, UserId => $account, Queue => $queue } }
        qw(SeeQueue ShowTicket ShowTicketComments CreateTicket ReplyToTicket CommentOnTicket ModifyTicket),
        qw(SeeCustomField ModifyCustomField) ),
    # The end user's messages come in the end user's name.
    { Right => 'ReplyToTicket', GroupDomain => 'RT::Queue-Role', GroupType => 'Requestor', Queue => $queue },
);

# End users read answers in their chat. An empty template of the same name keeps this queue's from being mailed as well.
@Templates = map { { Queue => $queue, Name => $_, Type => 'Perl', Content => '' } }
    ( 'Autoreply', 'Correspondence', 'Resolved', 'Autoreply in HTML', 'Correspondence in HTML', 'Resolved in HTML' );

1;
