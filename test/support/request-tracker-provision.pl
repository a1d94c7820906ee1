# Fills a new Request Tracker for tests: the layer's account, two agents, and queues of three kinds.
# Reads {bridge, agents: [{username, password, name}], field} as JSON from standard input.
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

# General takes customers' replies, Internal does not, Bare lacks the custom field.
my %queues = map { $_ => queue($_) } qw(General Internal Bare);

for my $person ( $wanted->{bridge}, @{ $wanted->{agents} } ) {
    my $user = RT::User->new($system);
    must( $user->Create(
        Name => $person->{username}, RealName => $person->{name}, Password => $person->{password},
        EmailAddress => "$person->{username}\@agents.invalid", Privileged => 1,
    ) );
    for my $queue ( values %queues ) {
        must( $user->PrincipalObj->GrantRight( Right => $_, Object => $queue ) ) for qw(
            SeeQueue ShowTicket ShowTicketComments CreateTicket ReplyToTicket CommentOnTicket
            ModifyTicket OwnTicket TakeTicket StealTicket SeeCustomField ModifyCustomField
        );
    }
}

my $requestors = RT::Group->new($system);
$requestors->LoadRoleGroup( Name => 'Requestor', Object => RT->System );
must( $requestors->PrincipalObj->GrantRight( Right => 'ReplyToTicket', Object => $queues{General} ) );

my $field = RT::CustomField->new($system);
must( $field->Create( Name => $wanted->{field}, Type => 'FreeformSingle', LookupType => 'RT::Queue-RT::Ticket' ) );
must( $field->AddToObject( $queues{$_} ) ) for qw(General Internal);
