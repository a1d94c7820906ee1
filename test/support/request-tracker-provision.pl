# Fills a new Request Tracker for tests: what the service needs of one, two agents, and queues of more kinds.
# Reads {service, agents: [{username, password, name}], field, initialdata} as JSON from standard input.
use strict;
use warnings;
use lib '/usr/share/request-tracker5/lib', '/usr/local/share/request-tracker5/lib';
use JSON ();
use RT;
RT::LoadConfig();
RT::Init();

my $wanted = JSON::decode_json( do { local $/; <STDIN> } );
my $system = RT->SystemUser;

# Stays with the database file. Without it readers and writers would wait for each other, and for the disk.
$RT::Handle->dbh->do('PRAGMA journal_mode = WAL');

sub must {
    my ( $ok, $message ) = @_;
    die "$message\n" unless $ok;
    return $ok;
}

sub queue {
    my ($name) = @_;
    my $queue = RT::Queue->new($system);
    $queue->Load($name);
    must( $queue->Create( Name => $name ) ) unless $queue->Id;
    $queue->Load($name);
    return $queue;
}

sub user {
    my ($person) = @_;
    my $user = RT::User->new($system);
    $user->Load( $person->{username} );
    must( $user->Create(
        Name => $person->{username}, RealName => $person->{name}, Password => $person->{password},
        EmailAddress => "$person->{username}\@agents.invalid", Privileged => 1,
    ) ) unless $user->Id;
    return $user;
}

sub grant {
    my ( $principal, $queue, @rights ) = @_;
    must( $principal->GrantRight( Right => $_, Object => $queue ) ) for @rights;
}

$ENV{RT_PASSWORD} = $wanted->{service}{password};
must( $RT::Handle->InsertData( $wanted->{initialdata}, undef, disconnect_after => 0 ) );

# Beside the queue made by that, General takes requestors' replies, Internal does not, Bare lacks the custom field.
my ( $general, $internal, $bare ) = map { queue($_) } qw(General Internal Bare);
my @more = ( $general, $internal, $bare );
my @messages = qw(SeeQueue ShowTicket ShowTicketComments CreateTicket ReplyToTicket CommentOnTicket ModifyTicket);
my $service = user( $wanted->{service} )->PrincipalObj;
grant( $service, $_, @messages, qw(SeeCustomField ModifyCustomField) ) for @more;

for my $agent ( map { user($_)->PrincipalObj } @{ $wanted->{agents} } ) {
    grant( $agent, $_, @messages, qw(OwnTicket TakeTicket StealTicket SeeCustomField ShowOutgoingEmail) ) for queue('Chats'), @more;
}

my $requestors = RT::Group->new($system);
$requestors->LoadRoleGroup( Name => 'Requestor', Object => RT->System );
grant( $requestors->PrincipalObj, $general, 'ReplyToTicket' );

my $field = RT::CustomField->new($system);
must( $field->LoadByName( Name => $wanted->{field} ) );
must( $field->AddToObject($_) ) for $general, $internal;
